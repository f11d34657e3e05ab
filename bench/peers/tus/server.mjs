// A tus server over a bucket of the local Cloud Storage, as the READMEs of @tus/server and @tus/gcs-store set one up:
// node server.mjs PORT STORAGE_URL BUCKET. There are no accounts: anyone may upload, as much as they like.
import { createServer } from 'node:http'
import { Storage } from '@google-cloud/storage'
import { GCSStore } from '@tus/gcs-store'
import { Server } from '@tus/server'

const [port, apiEndpoint, bucket] = process.argv.slice(2)
// Without credentials: the library sends none to an endpoint of one's own.
const storage = new Storage({ apiEndpoint, projectId: 'demo-reelgate' })
if (!(await storage.bucket(bucket).exists())[0]) await storage.createBucket(bucket)

const tus = new Server({ path: '/files', datastore: new GCSStore({ bucket: storage.bucket(bucket) }) })
createServer((request, response) => tus.handle(request, response)).listen(Number(port), '127.0.0.1', () => {
  console.log(`tus on http://127.0.0.1:${port}/files, into ${bucket} at ${apiEndpoint}`)
})

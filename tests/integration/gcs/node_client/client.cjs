// Google's Node client as its users call it, against the emulator. Run by test_node_client.py; prints one JSON document.
// argv: bucket, and the endpoint for options.apiEndpoint unless STORAGE_EMULATOR_HOST is to be enough.
const {Storage} = require('@google-cloud/storage');

const MIB = 1024 * 1024;
const [bucketName, apiEndpoint] = process.argv.slice(2);

async function main() {
  const storage = new Storage({projectId: 'demo-reelgate', ...(apiEndpoint ? {apiEndpoint} : {})});
  const bucket = storage.bucket(bucketName);
  const [created] = await bucket.exists();
  const data = Buffer.alloc(3 * MIB + 17, 'video');
  const seen = {created};

  await bucket.file('resumable').save(data, {resumable: true, metadata: {contentType: 'video/mp4', metadata: {size: 7}}});
  await bucket.file('chunked').save(data, {resumable: true, chunkSize: MIB});
  await bucket.file('multipart').save(data, {resumable: false});
  await bucket.file('packed').save(data, {resumable: false, gzip: true});
  for (const name of ['resumable', 'chunked', 'multipart', 'packed']) {
    const [received] = await bucket.file(name).download();
    seen[name] = received.equals(data);
  }
  const [metadata] = await bucket.file('resumable').getMetadata();
  seen.contentType = metadata.contentType;
  seen.metadata = metadata.metadata;

  const [part] = await bucket.file('resumable').download({start: 10, end: 19});
  seen.part = part.equals(data.subarray(10, 20));
  await bucket.file('resumable').copy(bucket.file('copy'));
  await bucket.file('copy').move('dir/moved');
  await bucket.combine(['chunked', 'multipart'], 'joined');
  await bucket.setLabels({a: '1', b: '2'});
  await bucket.setLabels({a: null});
  const [labels] = await bucket.getLabels();
  seen.labels = labels;
  const [files] = await bucket.getFiles({matchGlob: '**o*'});
  seen.files = files.map(file => file.name);
  try {
    await bucket.file('resumable').save('x', {preconditionOpts: {ifGenerationMatch: 0}});
  } catch (error) {
    seen.precondition = error.code;
  }
  await bucket.deleteFiles({force: true});
  const [left] = await bucket.getFiles();
  seen.left = left.length;
  return seen;
}

main().then(
  seen => console.log(JSON.stringify(seen)),
  error => {
    console.error(error);
    process.exitCode = 1;
  }
);

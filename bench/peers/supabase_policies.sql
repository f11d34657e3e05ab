-- Each user has a folder of their own in the bucket, as Supabase's guide to access control sets it up: the check that stands
-- where Reelgate looks into the books. `request.jwt.claims` is what supabase/storage sets for each request.
CREATE POLICY own_folder ON storage.objects FOR ALL TO authenticated
USING (bucket_id = 'media' AND (storage.foldername(name))[1] = current_setting('request.jwt.claims', true)::json ->> 'sub')
WITH CHECK (bucket_id = 'media' AND (storage.foldername(name))[1] = current_setting('request.jwt.claims', true)::json ->> 'sub');

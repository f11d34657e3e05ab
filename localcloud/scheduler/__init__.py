"""A local Cloud Scheduler: its REST API over jobs in memory, which call HTTP targets on a schedule or on request."""

"""The local Cloud Scheduler: its REST API, jobs that call HTTP targets on a schedule, and a clock that can be advanced."""

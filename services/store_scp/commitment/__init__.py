"""The Storage Commitment Push Model SCP (PS3.4 annex J).

In a node process, which has no database:

    information   what an N-ACTION request holds, checked
    action        an N-ACTION as it comes: put on disk, then answered
    folder        requests that wait for their report, as files

In the supervisor:

    found         what is known of the objects of a request: in the spool, in the database
    verdict       what may be promised, decided from that
    report        the event information of the N-EVENT-REPORT
    delivery      the N-EVENT-REPORT on a new association
    schedule      when a request is looked at next
    reporter      the thread that looks at the requests, reports, and tries again

What Dosewire promises: it keeps the object, or it has taken the dose out of a report. It is no archive.
"""

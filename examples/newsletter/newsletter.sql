-- Who reads what.
SELECT
    s.changed_at,
    s.email,
    s.mpid,
    s.topics AS "topics",
    s.opened AS "emails_opened",
    s.referrer AS "referrer"
FROM MP.MAIL.SUBSCRIBERS s

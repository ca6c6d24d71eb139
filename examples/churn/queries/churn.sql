-- Who is about to leave: the newest score of each customer, with what the emails are written from.
SELECT
    GREATEST(u.updated_at, a.updated_at, s.scored_at)::TIMESTAMP_NTZ AS updated_at,
    u.id::VARCHAR AS customer_id,
    LOWER(TRIM(u.email)) AS email,
    INITCAP(u.first_name) AS "$FirstName",
    a.city::VARCHAR AS "$City",
    COALESCE(u.plan, 'free')::VARCHAR AS "plan",
    u.trial_ends_on >= u.signed_up_on AS "is_trial",
    s.score::NUMBER(5, 4) AS "churn_risk",
    CASE
        WHEN s.score >= 0.8 THEN 'high'
        WHEN s.score >= 0.5 THEN 'medium'
        ELSE 'low'
    END AS "risk_band"
FROM MP.CRM.USERS u
JOIN MP.CRM.ADDRESSES a ON a.user_id = u.id
JOIN MP.SCIENCE.CHURN_SCORES s ON s.user_id = u.id
WHERE u.deleted_at IS NULL
  AND a.is_primary

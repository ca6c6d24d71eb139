-- The newest state of each device.
SELECT
    d.seen_ms::NUMBER(38, 0) AS seen_ms,
    d.customer_id::VARCHAR AS customer_id,
    IFF(d.platform = 'ios', d.advertising_id, NULL)::VARCHAR AS ios_advertising_id,
    IFF(d.platform = 'android', d.advertising_id, NULL)::VARCHAR AS android_advertising_id,
    d.app_version::VARCHAR AS "app_version",
    d.consents:marketing::BOOLEAN AS "opted_in"
FROM MP.APP.DEVICES d

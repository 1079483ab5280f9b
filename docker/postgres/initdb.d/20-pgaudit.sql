-- Run once, by the image target `audited`, on an empty data directory.
create role iom_pgaudit nologin;

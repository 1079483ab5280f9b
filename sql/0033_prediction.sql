-- OGRS3, the Offender Group Reconviction Scale in its third version (Howard, Francis, Soothill and Humphreys 2009): the probability of
-- proven reoffending within one and two years of the start of risk. Coefficients as published by the Ministry of Justice's RSR calculator.
-- A score worked out here fills gaps; official scores come first and are never replaced (dbt: int_risk__predicted_score).
create schema prediction;
comment on schema prediction is 'Predictors of reoffending with their coefficients.';
grant usage on schema prediction to iom_transformer, iom_analyst;

create table prediction.ogrs3_age (
    sex text not null check (sex in ('M', 'F')),
    age_from integer not null,
    age_to integer not null check (age_to >= age_from),
    coefficient double precision not null,
    primary key (sex, age_from)
);
comment on table prediction.ogrs3_age is
    'One row per sex and band of completed years at the start of risk, both ends within it. A later program of the Ministry has the girls'' '
    'coefficients below 16 as positive; two independent sources have them negative, as here.';
insert into prediction.ogrs3_age
select of.sex, age_from, age_to, of.coefficient
from (
    values
    (10, 11, 0, -0.785038489), (12, 13, 0.083922902, -0.613852078), (14, 15, 0.075775765, -0.669521331),
    (16, 17, -0.061594199, -0.959179629), (18, 20, -0.625103618, -0.897480934), (21, 24, -1.051515067, -1.028488454),
    (25, 29, -1.166679288, -1.052777806), (30, 34, -1.325976554, -1.129127959), (35, 39, -1.368045933, -1.42187494),
    (40, 49, -1.499690953, -1.524652221), (50, 120, -2.025261458, -2.44983716)
) as band (age_from, age_to, male, female)
cross join lateral (values ('M', male), ('F', female)) as of (sex, coefficient);

create table prediction.ogrs3_offence (
    offence_group text primary key,
    coefficient double precision not null,
    note text
);
comment on table prediction.ogrs3_offence is 'One row per group of the current offence, by the names of offences.ogrs3_group in the configuration.';
insert into prediction.ogrs3_offence values
('violence', 0, null),
('robbery', -0.634795912, null),
('public_order', 0.181917975, null),
('sexual_against_child', -0.653434071, null),
('sexual_not_against_child', 0.03276327, 'The published file prints 0.003276327; the table by offence code has 0.0328.'),
('soliciting_prostitution', 0.760608858, null),
('burglary_domestic', -0.12394352, null),
('burglary_other', 0.240604429, null),
('theft_non_motor', 0.661244321, null),
('handling', 0.351866973, null),
('fraud_and_forgery', 0.159910192, null),
('absconding_and_bail', 0.733378677, null),
('taking_and_driving_away', 0.380059431, null),
('theft_from_vehicles', 0.427225615, null),
('motoring', 0.262228428, 'One program swaps the labels of motoring and drink driving; the table by offence code decides.'),
('drink_driving', -0.121439408, 'As for motoring.'),
('criminal_damage', 0.204960477, null),
('drug_import_export_production', -0.795556373, null),
('drug_possession_supply', 0.077165871, null),
('other', -0.060667525, null);

grant select on all tables in schema prediction to iom_transformer, iom_analyst;

create function prediction.ogrs3(
    sex text, age_at_risk integer, age_at_conviction integer, age_at_first_sanction integer, previous_sanctions integer, offence_group text,
    out one_year double precision, out two_year double precision, out reason text
) returns setof record language sql stable parallel safe as $$
    select 1 / (1 + exp(-(1.402562384 + of.z))), 1 / (1 + exp(-(2.121705678 + of.z))), checked.reason
    from (select) as asked
    left join prediction.ogrs3_age as age on age.sex = $1 and $2 between age.age_from and age.age_to
    left join prediction.ogrs3_offence as offence on offence.offence_group = $6
    cross join lateral (
        select
            case
                when $1 is null or $1 not in ('M', 'F') then 'sex_not_known'
                when $2 is null or $3 is null or $4 is null then 'age_not_known'
                when least($2, $3, $4) < 10 or greatest($2, $3, $4) > 120 then 'age_out_of_range'
                when $4 > $3 then 'first_sanction_after_current'
                when $2 < $3 then 'risk_before_conviction'
                when $5 is null or $5 < 0 then 'previous_sanctions_not_known'
                when offence.offence_group is null then 'offence_not_mapped'
            end as reason
    ) as checked
    cross join lateral (
        select case when checked.reason is null then
            age.coefficient
            + case when $5 = 0 then 0.126142106 else 0.463062792 end
            -- The Copas rate. Guarded by itself: the planner may work out a logarithm of constants before it looks at the reason.
            + 1.251124464 * case when $4 <= $3 and $5 >= 0 then ln((1 + least($5, 50)) / (10 + $3 - $4)::double precision) end
            + offence.coefficient
        end as z
    ) as of
$$;
comment on function prediction.ogrs3 is
    'One row: probabilities, or empty with the reason why there are none. Ages in completed years; previous_sanctions are occasions before the '
    'current one (convictions, cautions, reprimands, warnings) and count up to 50. The first sanction is the current one where there was none before.';

create function prediction.ogrs3_percent(probability double precision) returns integer
language sql immutable strict parallel safe
return least(99, greatest(1, round(100 * probability::numeric)))::integer;
comment on function prediction.ogrs3_percent is 'A probability as it is shown: whole per cent, never 0 and never 100.';

create function prediction.ogrs3_band(two_year double precision) returns text
language sql immutable strict parallel safe
return case
    when prediction.ogrs3_percent(two_year) >= 90 then 'very high'
    when prediction.ogrs3_percent(two_year) >= 75 then 'high'
    when prediction.ogrs3_percent(two_year) >= 50 then 'medium'
    else 'low'
end;
comment on function prediction.ogrs3_band is 'Band of the two-year percentage: low below 50, medium below 75, high below 90, very high.';

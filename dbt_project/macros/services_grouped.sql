{#- The ways in which a referral or start is grouped by its service. -#}
{% macro services_grouped(alias) -%}
    cross join lateral (
        values
        ('all', 'all'),
        ('service', coalesce({{ alias }}.service_code, 'unknown')),
        ('provider', {{ alias }}.provider),
        ('service_type', {{ alias }}.service_type),
        ('client_group', {{ alias }}.client_group)
    ) as services (service_by, service_group)
{%- endmacro %}

{#- The times over which a referral or start counts: ever, and the financial year of the referral where its day is known. Ever has a beginning of
    its own, so that rows can be joined by equality. -#}
{% macro referred_in(alias) -%}
    cross join lateral (
        select 'all' as period_kind, '-infinity'::date as period_start
        union all
        select 'financial_year', (date_trunc('year', {{ alias }}.referred_on - interval '3 months') + interval '3 months')::date
        where {{ alias }}.referred_on is not null
    ) as span
{%- endmacro %}

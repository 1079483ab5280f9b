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

{#- A condition: a membership puts somebody on the list of a static cohort. It says scheme, strand, valid_from and valid_to. -#}
{% macro is_on_list(cohort, membership) -%}
    {{ membership }}.valid_from <= {{ cohort }}.frozen_on
    and ({{ membership }}.valid_to is null or {{ membership }}.valid_to > {{ cohort }}.frozen_on)
    and ({{ cohort }}.strand is null or {{ membership }}.strand = {{ cohort }}.strand)
    and ({{ cohort }}.schemes is not null or {{ cohort }}.order_types is null)
    and {{ takes_scheme(cohort, membership ~ '.scheme') }}
{%- endmacro %}

{#- A condition: people come into a cohort by such a scheme. A cohort that names none takes any, families only where it asks for them. -#}
{% macro takes_scheme(cohort, scheme) -%}
    case
        when {{ cohort }}.schemes is not null then {{ scheme }} = any({{ cohort }}.schemes)
        else {{ scheme }} <> 'TF' or coalesce({{ cohort }}.troubled_family, false)
    end
{%- endmacro %}

{#- A condition: an order does, by its order_type, starts_on and ended_on. -#}
{% macro is_on_list_by_order(cohort, supervised) -%}
    {{ supervised }}.order_type = any({{ cohort }}.order_types)
    and {{ supervised }}.starts_on <= {{ cohort }}.frozen_on
    and ({{ supervised }}.ended_on is null or {{ supervised }}.ended_on > {{ cohort }}.frozen_on)
{%- endmacro %}

{#- A condition: somebody has what the cohort asks for on the day of entry. The person says age, sex, statutory_status,
    is_in_troubled_family, district and division of that day. -#}
{% macro fits_cohort(cohort, person) -%}
    ({{ cohort }}.min_age is null or {{ person }}.age >= {{ cohort }}.min_age)
    and ({{ cohort }}.max_age is null or {{ person }}.age <= {{ cohort }}.max_age)
    and ({{ cohort }}.sex is null or {{ person }}.sex = {{ cohort }}.sex)
    and ({{ cohort }}.statutory is null or ({{ person }}.statutory_status <> 'NON_STATUTORY') = {{ cohort }}.statutory)
    and ({{ cohort }}.troubled_family is null or {{ person }}.is_in_troubled_family = {{ cohort }}.troubled_family)
    and {{ lies_in_areas_of(cohort, person ~ '.district', person ~ '.division') }}
{%- endmacro %}

{#- A condition: one of a district and a division lies in the areas that a cohort is limited to. -#}
{% macro lies_in_areas_of(cohort, district, division) -%}
    (
        {{ cohort }}.areas is null
        or exists (
            select from {{ ref('int_areas__ancestor') }} as lies_in
            where lies_in.area in ({{ district }}, {{ division }}) and lies_in.ancestor = any({{ cohort }}.areas)
        )
    )
{%- endmacro %}

{#- District that the records of the hub, else of probation, gave of somebody by what was known on a day; of whom no record was known then, the
    first one that was. -#}
{% macro district_known_on(person_key, day) -%}
    (
        select known.district
        from {{ ref('int_people__recorded_district') }} as known
        where known.person_key = {{ person_key }} and (known.known_before is null or known.known_before > {{ day }})
        order by greatest(known.known_from, {{ day }}), known.trust, known.record_key, known.opened_by_sequence desc
        limit 1
    )
{%- endmacro %}

{#- Days of the last sentence of custody that began by a day, for static cohorts of short sentences. -#}
{% macro last_sentence_days(person_key, day) -%}
    (
        select spell.sentence_days
        from {{ ref('stg_prison__spell') }} as spell
        where spell.person_key = {{ person_key }} and spell.received_on <= {{ day }} and spell.sentence_days is not null
        order by spell.received_on desc, spell.booking_ref
        limit 1
    )
{%- endmacro %}

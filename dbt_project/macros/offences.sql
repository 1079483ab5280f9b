{#- References of arrests that were told under several, with the one that each counts under. -#}
{% macro arrests_told_again(condition) -%}
    select arrest.person_key, again.arrest_ref, arrest.arrest_ref as counted_ref
    from {{ ref('int_offences__arrest') }} as arrest
    cross join lateral unnest(arrest.told_as) as again (arrest_ref)
    where cardinality(arrest.told_as) > 1 and {{ condition }}
{%- endmacro %}

{#- Charges that name no crime after an arrest that was told under several references of the person, with what each counts as: the first of a code
    and days under one of them is the first under the other, the second the second, so that none of those told under one reference is lost. -#}
{% macro charges_told_again(condition) -%}
    select
        charge.charge_ref,
        concat_ws(' ', told.counted_ref, charge.charged_on, row_number() over (
            partition by charge.person_key, told.counted_ref, charge.police_ref, charge.offence_code, charge.offence_on, charge.charged_on
            order by charge.charge_ref
        )) as charge_of_arrest
    from {{ ref('stg_police__charge') }} as charge
    inner join ({{ arrests_told_again(condition) }}) as told using (person_key, arrest_ref)
    where charge.crime_ref is null
{%- endmacro %}

{#- What a charge counts as: its crime, else the charge of an arrest that it is, else itself. -#}
{% macro charge_counted_as() -%}
    coalesce(crime_ref, charge_of_arrest, 'charge ' || charge_ref)
{%- endmacro %}

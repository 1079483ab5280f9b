-- programme_cost: one row per year of the programme, with its additional cost per managed person-year.
select
    year, schemes, staff, premises, running, displaced, additional_cost, set_up,
    n_people, person_days, person_days / 365.0 as person_years,
    case when is_over then 365.0 * additional_cost / nullif(person_days, 0) end as cost_per_person_year,
    nullif(concat_ws('; ',
        case when not is_over then 'year_not_over' end,
        case when additional_cost is null then 'cost_not_complete' end,
        case when person_days = 0 then 'nobody_managed' end
    ), '') as findings,
    data_cut
from {{ ref('int_cost__programme_year') }}

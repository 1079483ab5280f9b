-- Exact statistics for small counts, as functions, so that a mart and a test of it read the same arithmetic.
-- Intervals are two-sided at 95% unless a parameter says otherwise. Null in, or nobody to divide by: null out.
create schema statistics;
comment on schema statistics is 'Intervals and tail probabilities of the normal, Poisson and binomial distributions.';
grant usage on schema statistics to public;

create function statistics.gamma_p(a double precision, x double precision) returns double precision
language plpgsql immutable strict parallel safe as $$
declare
    scale double precision;
    term double precision;
    total double precision;
    b double precision;
    c double precision;
    d double precision;
    step double precision;
begin
    if a <= 0 or x < 0 then
        raise exception 'gamma_p needs a > 0 and x >= 0';
    elsif x = 0 then
        return 0;
    elsif x = 'infinity' then
        return 1;
    end if;
    scale := a * ln(x) - x - lgamma(a);
    if scale < -700 then  -- exp() would underflow: the tail is nothing
        return case when x < a then 0 else 1 end;
    end if;
    scale := exp(scale);
    if x < a + 1 then  -- power series
        term := 1 / a;
        total := term;
        for i in 1 .. 100000 loop
            term := term * x / (a + i);
            total := total + term;
            exit when term < total * 1e-17;
        end loop;
        return total * scale;
    end if;
    b := x + 1 - a;  -- continued fraction of the upper tail, evaluated by Lentz's method
    c := 1e300;
    d := 1 / b;
    total := d;
    for i in 1 .. 100000 loop
        b := b + 2;
        d := 1 / (b - i * (i - a) * d);
        c := b - i * (i - a) / c;
        step := d * c;
        total := total * step;
        exit when abs(step - 1) < 1e-16;
    end loop;
    return 1 - scale * total;
end $$;
comment on function statistics.gamma_p is 'Regularised lower incomplete gamma function P(a, x).';

create function statistics.poisson_cdf(k bigint, mean double precision) returns double precision
language sql immutable strict parallel safe
return case when k < 0 then 0 else 1 - statistics.gamma_p(k + 1, mean) end;
comment on function statistics.poisson_cdf is 'Probability of at most k events when `mean` are expected.';

create function statistics.poisson_range(mean double precision, level double precision default 0.95, out low bigint, out high bigint)
language plpgsql immutable strict parallel safe as $$
begin
    low := statistics.poisson_quantile((1 - level) / 2, mean);
    high := statistics.poisson_quantile((1 + level) / 2, mean);
end $$;
comment on function statistics.poisson_range is 'Counts that chance leaves plausible when `mean` are expected: the 2.5% and 97.5% quantiles.';

create function statistics.poisson_quantile(p double precision, mean double precision) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
    low bigint := -1;  -- always: cdf(low) < p <= cdf(high)
    high bigint := 10;
    middle bigint;
begin
    while statistics.poisson_cdf(high, mean) < p loop
        low := high;
        high := high * 2;
    end loop;
    while high - low > 1 loop
        middle := (low + high) / 2;
        if statistics.poisson_cdf(middle, mean) < p then low := middle; else high := middle; end if;
    end loop;
    return high;
end $$;
comment on function statistics.poisson_quantile is 'Smallest count k with a probability of at least p of at most k events.';

create function statistics.beta_i(x double precision, a double precision, b double precision) returns double precision
language plpgsql immutable strict parallel safe as $$
declare
    front double precision;
    c double precision := 1;
    d double precision;
    total double precision;
    numerator double precision;
    step double precision;
begin
    if x <= 0 then return 0; elsif x >= 1 then return 1; end if;
    if x > (a + 1) / (a + b + 2) then  -- the continued fraction converges on the other side
        return 1 - statistics.beta_i(1 - x, b, a);
    end if;
    front := lgamma(a + b) - lgamma(a) - lgamma(b) + a * ln(x) + b * ln(1 - x);
    if front < -700 then return 0; end if;
    d := 1 / (1 - (a + b) * x / (a + 1));
    total := d;
    for i in 1 .. 100000 loop
        numerator := i * (b - i) * x / ((a + 2 * i - 1) * (a + 2 * i));
        d := 1 / (1 + numerator * d);
        c := 1 + numerator / c;
        total := total * d * c;
        numerator := -(a + i) * (a + b + i) * x / ((a + 2 * i) * (a + 2 * i + 1));
        d := 1 / (1 + numerator * d);
        c := 1 + numerator / c;
        step := d * c;
        total := total * step;
        exit when abs(step - 1) < 1e-16;
    end loop;
    return exp(front) * total / a;
end $$;
comment on function statistics.beta_i is 'Regularised incomplete beta function I_x(a, b).';

create function statistics.binomial_cdf(k bigint, n bigint, p double precision) returns double precision
language sql immutable strict parallel safe
return case when k < 0 then 0 when k >= n then 1 else statistics.beta_i(1 - p, n - k, k + 1) end;
comment on function statistics.binomial_cdf is 'Probability of at most k successes in n trials of probability p.';

create function statistics.wilson_interval(
    successes bigint, trials bigint, z double precision default 1.959964, out low double precision, out high double precision
) language sql immutable strict parallel safe as $$
    select (2 * successes + z * z - spread) / (2 * (trials + z * z)), (2 * successes + z * z + spread) / (2 * (trials + z * z))
    from (select z * sqrt(z * z + 4 * successes * (1 - successes::double precision / nullif(trials, 0))) as spread) of
$$;
comment on function statistics.wilson_interval is 'Wilson interval of a proportion, between 0 and 1.';

create function statistics.byar_interval(
    events bigint, z double precision default 1.959964, out low double precision, out high double precision
) language sql immutable strict parallel safe as $$
    select case when events = 0 then 0
                else events * power(1 - 1 / (9.0::double precision * events) - z / (3 * sqrt(events::double precision)), 3) end,
           (events + 1) * power(1 - 1 / (9.0::double precision * (events + 1)) + z / (3 * sqrt(events + 1.0::double precision)), 3)
$$;
comment on function statistics.byar_interval is 'Byar''s approximation to the Poisson interval of a count.';

create function statistics.exact_count_interval(
    events bigint, level double precision default 0.95, out low double precision, out high double precision
) language plpgsql immutable strict parallel safe as $$
begin
    low := case when events = 0 then 0 else statistics.gamma_quantile((1 - level) / 2, events) end;
    high := statistics.gamma_quantile((1 + level) / 2, events + 1);
end $$;
comment on function statistics.exact_count_interval is 'Exact (chi-square) Poisson interval of a count.';

create function statistics.gamma_quantile(p double precision, a double precision) returns double precision
language plpgsql immutable strict parallel safe as $$
declare
    low double precision := 0;
    high double precision := a + 10;
    middle double precision;
begin
    while statistics.gamma_p(a, high) < p loop high := high * 2; end loop;
    for i in 1 .. 200 loop
        middle := (low + high) / 2;
        exit when high - low < 1e-12 * high;
        if statistics.gamma_p(a, middle) < p then low := middle; else high := middle; end if;
    end loop;
    return middle;
end $$;
comment on function statistics.gamma_quantile is 'Value x with P(a, x) = p.';

create function statistics.count_interval(events bigint, out low double precision, out high double precision)
language sql immutable strict parallel safe as $$
    select ci.low, ci.high from statistics.exact_count_interval(events) ci where events < 10
    union all
    select ci.low, ci.high from statistics.byar_interval(events) ci where events >= 10
$$;
comment on function statistics.count_interval is 'Interval of a count: exact below 10 events, Byar''s from there on.';

create function statistics.count_ratio_interval(
    before_count bigint, after_count bigint, exposure_ratio double precision default 1, z double precision default 1.96,
    out low double precision, out high double precision
) language sql immutable strict parallel safe as $$
    select exp(log_ratio - spread), exp(log_ratio + spread)
    from (
        select ln(after_n / before_n / nullif(exposure_ratio, 0)) as log_ratio, z * sqrt(1 / before_n + 1 / after_n) as spread
        from (select nullif(before_count, 0)::double precision as before_n, nullif(after_count, 0)::double precision as after_n) n
    ) of
$$;
comment on function statistics.count_ratio_interval is
    'Interval of after / (before x exposure_ratio), where exposure_ratio is the length of the later window over the earlier. Null when a count is 0.';

create function statistics.compare_counts_p(before_count bigint, after_count bigint, exposure_ratio double precision default 1)
returns double precision language sql immutable strict parallel safe as $$
    select least(1, 2 * least(statistics.binomial_cdf(after_count, total, share), 1 - statistics.binomial_cdf(after_count - 1, total, share)))
    from (select before_count + after_count as total, exposure_ratio / (1 + exposure_ratio) as share) of
$$;
comment on function statistics.compare_counts_p is
    'Two-sided p of two counts by the conditional binomial test: given the total, the later count is binomial with its share of the exposure.';

create function statistics.newcombe_interval(
    successes_1 bigint, trials_1 bigint, successes_2 bigint, trials_2 bigint, out low double precision, out high double precision
) language sql immutable strict parallel safe as $$
    select p1 - p2 - sqrt(power(p1 - one.low, 2) + power(two.high - p2, 2)),
           p1 - p2 + sqrt(power(one.high - p1, 2) + power(p2 - two.low, 2))
    from statistics.wilson_interval(successes_1, trials_1) one,
         statistics.wilson_interval(successes_2, trials_2) two,
         (select successes_1::double precision / nullif(trials_1, 0) as p1, successes_2::double precision / nullif(trials_2, 0) as p2) of
$$;
comment on function statistics.newcombe_interval is 'Newcombe''s interval of a difference of two proportions of different people.';

create function statistics.funnel_limits(
    target double precision, trials bigint, z double precision, out low double precision, out high double precision
) language sql immutable strict parallel safe as $$
    select (2 * trials * target + z * z - spread) / (2 * (trials + z * z)), (2 * trials * target + z * z + spread) / (2 * (trials + z * z))
    from (select z * sqrt(z * z + 4 * trials * target * (1 - target)) as spread) of
$$;
comment on function statistics.funnel_limits is 'Limits of a funnel plot around a target proportion: z = 1.96 and 3.09 for two and three sigma.';

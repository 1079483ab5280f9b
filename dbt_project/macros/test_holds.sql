{#- A test of an invariant: the condition is true in every row; a row on which it is unknown fails too. -#}
{% test holds(model, condition) %}
select * from {{ model }} where ({{ condition }}) is not true
{% endtest %}

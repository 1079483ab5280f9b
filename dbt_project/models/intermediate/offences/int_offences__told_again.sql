-- int_offences__told_again: one row per reference of an arrest that was told under several, with the one that it counts under.
{{ arrests_told_again(has_changed('arrest.person_key')) }}

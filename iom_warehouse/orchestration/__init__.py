"""What the DAGs and the command line share: Airflow's settings, the wait for a delivery, alerts, and the one-command night."""

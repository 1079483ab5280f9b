"""The delivery interface, written out a second time and by hand, so that a slip in a contract shows.

One line per file: its name, `?` when it may be absent, then its columns. `*` marks the key, `^` a date that may be in the future,
`:type` the type (text when it is left out), `>file` what a reference points to, `=a/b` the codes.
"""

SEX = "sex:code=M/F/U"
OUTCOME = "outcome:code=none/charged/cautioned/tic/community_resolution/other_positive/no_suspect"
PERSON = f"surname forenames dob:date {SEX} ethnicity"

FILES = f"""
police_person police_ref*:ref pncid cro_number {PERSON} postcode died_on:date
police_alias? alias_ref*:ref police_ref:ref>police_person surname forenames dob:date
police_arrest arrest_ref*:ref police_ref:ref>police_person crime_ref:ref asn arrested_at:ts offence_code:hocode offence_text division:area custody_suite
police_charge charge_ref*:ref arrest_ref:ref>police_arrest police_ref:ref>police_person crime_ref:ref offence_on:date charged_on:date offence_code:hocode scheme_flagged:yn
police_drug_test test_ref*:ref arrest_ref:ref>police_arrest police_ref:ref>police_person tested_at:ts basis:code=trigger_offence/inspector/charge substance:code=opiates/cocaine/other result:code=positive/negative/refused
police_crime crime_ref*:ref offence_code:hocode offence_class offence_text committed_from:date committed_to:date recorded_on:date division:area ward:area {OUTCOME} outcome_on:date cancelled_on:date
police_suspect crime_ref*:ref>police_crime police_ref*:ref>police_person named_on:date {OUTCOME} outcome_on:date
police_victim? victim_ref*:ref crime_ref:ref>police_crime age:int {SEX}
police_conviction conviction_ref*:ref police_ref:ref>police_person occasion_ref crime_ref:ref offence_code:hocode offence_text offence_on:date proved_on:date proof:code=court/caution/youth_caution/reprimand/warning disposal:code=custody/suspended/community/fine/discharge/caution/other is_principal:yn is_breach:yn recordable:yn committed_in_ew:yn court
probation_person crn*:ref pncid prison_number {PERSON} postcode district:area
probation_order order_ref*:ref crn:ref>probation_person order_type:code=community/suspended/licence/post_sentence/youth offence_code:hocode sentenced_on:date starts_on^:date expected_end_on^:date ended_on:date end_reason:code=completed/expired/revoked_breach/revoked_good_progress/recalled/died/other sentence_days:int settled_at_end:yn employed_at_end:yn
probation_requirement requirement_ref*:ref order_ref:ref>probation_order requirement:code=drug_rehabilitation/alcohol_treatment/mental_health/unpaid_work/programme/residence/curfew/other starts_on^:date ends_on^:date outcome:code=completed/breached/revoked/open
probation_contact contact_ref*:ref crn:ref>probation_person contact_on^:date contact_type attendance:code=attended/acceptable_absence/unacceptable_absence/planned
probation_enforcement enforcement_ref*:ref crn:ref>probation_person order_ref:ref>probation_order kind:code=breach/recall initiated_on:date outcome_on:date outcome
probation_assessment assessment_ref*:ref crn:ref>probation_person instrument instrument_version layer status:code=open/complete completed_on:date
probation_answer assessment_ref*:ref>probation_assessment section*:code=accommodation/ete/finance/relationships/lifestyle/drugs/alcohol/emotional/thinking/attitudes question*:code=no_fixed_abode/suitability/permanence/location/unemployed/employment_history/skills/attitude/situation/debt/budgeting/family/childhood/previous_close/activities/influenced/recklessness/current/main_drug_level/injected/motivation/major_activity/binge/frequency/coping/self_harm/attitude_self/recognises_problems/problem_solving/consequences/others_views/pro_criminal/supervision/society score:int linked_to_reoffending:yn linked_to_harm:yn
probation_score score_ref*:ref crn:ref>probation_person predictor predictor_version scored_on:date one_year:num two_year:num
probation_register register_ref*:ref crn:ref>probation_person register:code=iom/mappa/high_risk/domestic_abuse category level starts_on:date ends_on:date
prison_person prison_number*:ref pncid cro_number {PERSON}
prison_spell booking_ref*:ref prison_number:ref>prison_person received_on:date released_on:date establishment custody_type:code=remand/sentenced/recall/other release_type:code=sentence_end/licence/hdc/bail/court/other sentenced_on:date sentence_days:int offence_code:hocode home_district:area supervision_on_release:code=licence/post_sentence/none/unknown accommodation_on_release:code=settled/temporary/none/unknown
prison_release_date booking_ref*:ref>prison_spell date_type*:code=expected/conditional/sentence_expiry/hdc_eligibility release_on^:date calculated_on:date
prison_resettlement booking_ref*:ref>prison_spell pathway*:int assessed_on:date has_need:yn met_at_release:yn detail
dip_client client_ref*:ref agency_code:agency forename_initial surname_initial dob:date {SEX} postcode_sector local_authority:area consent_to_share:yn consent_purpose consent_on:date consent_withdrawn_on:date pncid prison_number
dip_requirement requirement_ref*:ref client_ref:ref>dip_client arrest_ref:ref kind:code=initial/follow_up imposed_on:date due_on^:date attended:yn remained:yn
dip_episode episode_ref*:ref client_ref:ref>dip_client area:area contact_reason:code=required_assessment/conditional_caution/bail/court/order/prison_release/voluntary referred_on:date assessed_on:date needs_intervention:yn caseload_on:date care_plan_on:date treatment_on:date treatment_ended_on:date modality closed_on:date closure_reason:code=completed/transferred/custody/dropped_out/declined/died/other transferred_from:area transferred_to:area
dip_top review_ref*:ref episode_ref:ref>dip_episode stage:code=start/review/exit/post_exit reviewed_on:date alcohol_days:int opiate_days:int crack_days:int cocaine_days:int amphetamine_days:int cannabis_days:int other_drug_days:int injected_days:int shared_equipment:yn psychological_health:int paid_work_days:int education_days:int physical_health:int acute_housing_problem:yn eviction_risk:yn quality_of_life:int
dip_alcohol_referral referral_ref*:ref client_ref:ref>dip_client arrest_ref:ref screened_on:date tool:code=AUDIT/AUDIT-C/FAST score:int brief_intervention:yn outcome:code=referred/declined/not_needed
hub_case case_ref*:ref pncid prison_number crn {PERSON} postcode district:area gp_registered:yn lead_agency:agency lead_practitioner
hub_referral referral_ref*:ref case_ref:ref>hub_case route:code=IOM/MAPPA/DYO/DIP referring_agency:agency referred_on:date district:area decision:code=accepted/declined/pending decided_on:date reason
hub_membership membership_ref*:ref case_ref:ref>hub_case scheme:code=PPO/IOM/DYO/DIP/MAPPA strand:code=fixed/flex/free starts_on:date ends_on:date end_reason:code=no_offending/long_custody/moved/died/to_mappa/disengaged/lower_risk/turned_18/other division:area district:area
hub_level level_ref*:ref case_ref:ref>hub_case level:int starts_on:date review_due_on^:date reviewed_on:date
hub_rag rag_ref*:ref case_ref:ref>hub_case assessed_on:date colour:code=red/amber/green assessor_agency:agency
hub_need need_ref*:ref case_ref:ref>hub_case assessed_on:date pathway:int level:int progress:code=better/same/worse/first
hub_plan plan_ref*:ref case_ref:ref>hub_case pathway:int setting:code=custody/community action agency:agency due_on^:date done_on:date
hub_meeting meeting_ref*:ref held_on^:date district:area
hub_attendance meeting_ref*:ref>hub_meeting agency*:agency invited:yn attended:yn
hub_agenda meeting_ref*:ref>hub_meeting case_ref*:ref>hub_case agency_needed*:agency
hub_service service_code*:ref service_name provider contract_ref:ref>hub_contract service_type:code=accommodation/ete/mental_health/learning_disability/personality_disorder/talking_therapy/drugs/alcohol/debt/family/mentoring/women/other pathway:int district:area client_group unit_cost:num places:int starts_on:date ends_on^:date
hub_contract contract_ref*:ref provider intention starts_on:date ends_on^:date annual_budget:num spent_to_date:num target_starts:int target_completions:int
hub_intervention intervention_ref*:ref case_ref:ref>hub_case service_code:ref>hub_service referral_route:code=gp/direct/court/custody/other referred_on:date started_on:date ended_on:date outcome:code=completed/partly/dropped_out/open/not_started
hub_family family_ref*:ref case_ref*:ref>hub_case starts_on*:date ends_on:date
hub_transfer transfer_ref*:ref case_ref:ref>hub_case from_district:area to_district:area agreed_on:date handed_over_on:date
hub_standard standard_ref*:ref district:area standard assessed_on:date met:yn
hub_recommendation recommendation_ref*:ref inquiry recommendation owner category:int assessed_on:date evidence
hub_decision decision_ref*:ref case_ref:ref>hub_case kind:code=select/deselect/level decided_on:date decided_by score_shown:num rule_version factors outcome:code=accept/decline/override reason
"""  # noqa: E501
IDENTIFIERS = {
    "pnc": "police_person.pncid probation_person.pncid prison_person.pncid dip_client.pncid hub_case.pncid",
    "cro": "police_person.cro_number prison_person.cro_number",
    "asn": "police_arrest.asn",
    "prison_number": "prison_person.prison_number probation_person.prison_number dip_client.prison_number hub_case.prison_number",
    "crn": "probation_person.crn hub_case.crn",
}

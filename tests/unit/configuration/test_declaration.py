"""The declaration holds together, and the page about it leaves nothing out."""

from iom_warehouse.configuration import files, markdown


def test_what_columns_point_to_is_there() -> None:
    targets = {column.to for file in files() for column in file.columns if column.to}
    assert targets <= {f"{file.name}.{column.name}" for file in files() for column in file.columns}


def test_keys_and_contradictions_name_columns_of_their_file() -> None:
    for file in files():
        names = {column.name for column in file.columns}
        assert {*file.full_key, *(rule.column for rule in file.contradictions)} <= names, file.name


def test_a_code_has_its_codes_and_a_default_is_one_of_them() -> None:
    for file in files():
        for column in file.columns:
            assert (column.type == "code") == bool(column.codes), f"{file.name}.{column.name}"
            assert column.default is None or not column.codes or set(column.default.split(";")) <= set(column.codes), (
                f"{file.name}.{column.name}"
            )


def test_the_page_tells_every_column_and_every_refusal() -> None:
    page = markdown()
    for file in files():
        section = page.split(f"## {file.csv_name}\n")[1].split("\n## ")[0]
        assert file.describes in section
        for column in file.columns:
            assert f"| {column.describes} |" in section
        for rule in file.contradictions:
            assert rule.says in section
    assert "| **cohort_id** | needed | name | Name that measures point to. |" in page
    assert (
        "| clock |  | calendar / at_liberty, empty means calendar | Whether days in custody count towards the follow-up. |"
        in page
    )

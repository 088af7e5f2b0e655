from shared.database.engine import make_engine


def test_errors_do_not_hold_the_values_of_a_statement() -> None:
    engine = make_engine(database_url="postgresql+psycopg2://nobody@127.0.0.1:1/none", name="test")
    assert engine.hide_parameters

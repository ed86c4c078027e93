-- A drug record asks the ledger itself what was sold lately: it is rare, and the view made every insert of codes two.

DROP TABLE IF EXISTS {database}.ledger_sold_of_codes;

DROP TABLE IF EXISTS {database}.ledger_sold;

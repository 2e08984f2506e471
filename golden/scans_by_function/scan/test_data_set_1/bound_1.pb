Bbound_1J­NG<²>>B{äS­>
g R¯>
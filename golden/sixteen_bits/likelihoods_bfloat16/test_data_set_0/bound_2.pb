Bbound_2Jt$!
Â‚Ä?
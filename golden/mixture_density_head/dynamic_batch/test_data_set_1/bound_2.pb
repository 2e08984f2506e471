Bbound_2Jойmr Xц>o
rф;▌ц>>∙≈А"©д>
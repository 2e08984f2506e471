Bbound_0J1';ž;ˆ>êdW?
)r>
Binput_0J0 È|EžF·²_E
xîE%Ø‚EuF‘/ðCÖ'¨EEkÅECÝFm:FAÇ•C
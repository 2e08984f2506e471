Binput_1J ,a˜?úgÑ?6çm@{¿@Ô@iww@Ş´N@
?
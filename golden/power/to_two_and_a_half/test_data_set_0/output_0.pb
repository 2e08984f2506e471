Boutput_0J<x™¤<
Ÿ?gìaAa6>@§X?…Oí?h§@ßAd' @(]A[ûKA¸ä¾@)ÃÊ?äİw@ÒU¹>
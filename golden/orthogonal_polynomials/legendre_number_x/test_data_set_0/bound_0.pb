Bbound_0J 3E§y²>‡r7“>§ŸÈ
4Ý’>ôTKb×[”>
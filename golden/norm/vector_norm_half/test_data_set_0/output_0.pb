Boutput_0J0@0]AC(AX¶¸AìˆšA¨HbA£z¨Aˆ
ÜAQ
–A¥'1AUÁVAµÇ›Aio2A
Boutput_0J0ΗΪ@θΉΈΐhΞΐ2rΑU„£A5Mφ@6ιλΏ)HAU„£A5MvAhΞΏ
w΅A
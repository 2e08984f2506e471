
Boutput_1J`­zôz¤zºzÒz·zÀzØz§z‚zÄz½zÍzÀzÁz°zêzÐzïzÏzzÌz£z¸z±z¥zœz˜zúzßz®zÜz±z±zÖzµzÄz»z¡zözâzµzŒz§zÜz«zÆzÐz
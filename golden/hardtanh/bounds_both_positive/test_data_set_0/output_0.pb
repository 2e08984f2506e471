Boutput_0JPu═Б>┬├
?fff?млL>млL>fff?млL>▌l╗>млL>млL>млL>9!f?млL>млL>млL>fff?млL>'=?fff?Q╢Ц>
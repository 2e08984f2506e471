Btruth_0JiW‹
¿@
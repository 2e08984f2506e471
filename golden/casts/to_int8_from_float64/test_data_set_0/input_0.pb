Binput_0JèCì"MÀvÖ`u!P@Ì3×gR:@H‚®ÓQ@‘hl+ GÀ<¡wQ@(Ï:
¬+Q@ÉsÚ›ÓÿBÀX$ÊÂš¶U@ü™
«¢4@H„Jü‚¸DÀ@w½r)@@ªZ÷Q(FÀyNkƒtKÀH­£¬4¶1@âôœ^¡WÀ\ÊVU<oWÀ,g²£ŸDÀ
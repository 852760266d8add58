// Things that everybody knows, in Kinyarwanda, for the code of a meeting. Their order is for ever: slips that were written down are
// read by it. Not read by a native reader yet.
export const things =
  "inka ihene intama inkoko injangwe inuma ifi uruyuki twiga inyoni kagoma inzovu ingwe igikombe imbeba urukwavu " +
  "impala umugati umunyu amazi amata amavuta icyayi ikawa umuceri amasaka ikigori ibishyimbo ikirayi ikijumba umwumbati igitabo " +
  "umweyo ipapayi inanasi icunga avoka itunda inyanya urushinge ururabo ibyatsi ikibabi ishyamba umurima umusozi uruzi ikiyaga " +
  "imvura umuyaga igicu izuba ukwezi inyenyeri ibuye ubutaka inzu idirishya ameza intebe uburiri itara buji isaha " +
  "urufunguzo ingufuri isafuriya icupa indobo agaseke umufuka isabune ishati inkweto isogisi impeta ikaramu ikaye urupapuro inyundo " +
  "isuka urwego igare imodoka ubwato umuhanda ishuri iriba iziko amakara zahabu ubwoya ipamba uruhu ijisho ugutwi " +
  "iryinyo ukuboko umupira igipupe ibendera ibaruwa umwarimu isupu ubuki ubunyobwa ibihaza intoryi igihumyo ikanzu ijipo umukandara " +
  "telefoni radiyo mudasobwa ifoto itike ibase ijerekani itanura itafari ibati isanduku akabati inturusu umuvumu imigano urutoki";

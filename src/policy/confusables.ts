/**
 * Letters of Latin, Greek, Cyrillic and Armenian that look like other Latin letters or digits, by what they look like:
 * from confusables.txt of Unicode 17.0.0 (UTS #39), without those that lose their difference by NFKC, by lower case or
 * with their marks. A small letter that looks like nothing is folded as its capital.
 */
const LOOKS_LIKE: Readonly<Record<string, string>> = {
  '2': 'ƧƨƻꙄꙅꝚꝛ',
  '3': 'ƷȜȝɜʒЗзҘҙӠӡꝪꝫꞫ',
  '5': 'Ƽ',
  '6': 'б',
  '8': 'Ȣȣ',
  '9': 'Ꝯꝯ',
  a: 'ɑΑαАа',
  aa: 'Ꜳꜳ',
  ae: 'ÆæӔӕ',
  ao: 'Ꜵꜵ',
  au: 'Ꜷꜷ',
  av: 'ꜸꜹꜺꜻ',
  ay: 'Ꜽꜽ',
  b: 'ƀƂƃƄƅɓΒβБВЬвьѢѣҌҍꞴꞵ',
  bl: 'Ыы',
  c: 'ȼСсҪҫᴄ',
  d: 'ÐðĐđƉƌɖɗԁ',
  dz: 'ʣ',
  e: 'ɆɇΕεЕеҽҿꬲ',
  f: 'ƑƒϜϝքᵮẝꞘꞙꬵ',
  fn: 'ʩ',
  g: 'ƍǤǥɠɡԌԍցᶃ',
  h: 'ĦħɦΗНнћҢңһӇӈӉӊհⱧⱨꚕ',
  i: 'ıɨɩɪιіւᵻᵼꙇ',
  j: 'ɈɉʝͿϳЈјꞲ',
  k: 'ƙΚκКкҚқҞҟⱩⱪꝀꝁ',
  l: 'ŁłƖƗƚǀɫɭΙІӀӏ',
  ll: 'ǁ',
  lo: 'Юю',
  ls: 'ʪ',
  lz: 'ʫ',
  m: 'ΜμϺϻМмӍӎ',
  n: 'ŋƝƞɲɳΝηղոռᵰ',
  o: 'ØøƟɵΘΟθοσОоѲѳӨөՕօᴏᴑꝊꝋꬽꬾ',
  oe: 'Œœ',
  oo: 'ꚘꚙꝎꝏ',
  p: 'þƥƿΡρϸРрᵽ',
  q: 'ʠԛգզ',
  r: 'Ʀɍɼɽʀгғᴦᵲꭇꭈ',
  rn: 'ɱᵯ',
  s: 'ƽʂЅѕՏտᵴꜱ',
  t: 'ŦŧƭƮȾʈΤτТтҬҭᵵⱦ',
  tf: 'ꝷ',
  ts: 'ʦ',
  u: 'ɄʉʋυџՍսᴜᵾꞟꭎꭒ',
  ue: 'ᵫ',
  uo: 'ꭣ',
  v: 'νѴѵᴠ',
  w: 'ɯшѡѽԜԝաᴡꝡ',
  x: 'ΧχХхҲҳꞳꭓ',
  y: 'ƴɎɏɣʏΥγУуҮүҰұᶌỿꭚ',
  z: 'ƵƶȤȥʐΖζᴢᵶ',
};

const prototypes: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOKS_LIKE).flatMap(([latin, letters]) =>
    [...letters].map((letter) => [letter, latin] as const),
  ),
);

/** What a letter looks like; itself, where the table knows nothing. */
export const prototypeOf = (letter: string): string => prototypes.get(letter) ?? letter;

/** Every letter that is folded. */
export const foldedLetters: readonly string[] = [...prototypes.keys()];

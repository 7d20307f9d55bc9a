import { closeSync, openSync, writeSync } from 'node:fs'
import { randomFrom } from './random.ts'

const NAMESPACE = 'http://xoev.de/schemata/xzufi/2_2_0'
const WORDS =
  'Antrag Bescheid Gemeinde Wohnung Nachweis Frist Gebühr Unterlage Behörde Person Anmeldung Erlaubnis Straße Gewerbe Führerschein Bestätigung Ausstellung Zulassung Änderung Verlängerung müssen können werden erhalten beantragen vorlegen zuständig schriftlich online persönlich unverzüglich gültig'.split(
    ' ',
  )
/** Modules of code list leistungstextmodulleika: titles, then long texts. */
const MODULES = ['02', '03', '05', '06', '07', '08', '09', '11', '14', '15', '16', '24']

/** Writes an XZuFi 2.2 transfer of about so many bytes: Leistungen with long texts in HTML, in German and English. */
export function generateXzufi(path: string, bytes: number): void {
  const random = randomFrom(2)
  const file = openSync(path, 'w')
  let written = writeSync(
    file,
    `<?xml version="1.0" encoding="UTF-8"?>\n<xzufi:transfer.bench xmlns:xzufi="${NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xzufiVersion="2.2.0">\n`,
  )
  for (let number = 0; written < bytes; number++) written += writeSync(file, leistung(number, random))
  writeSync(file, '</xzufi:transfer.bench>\n')
  closeSync(file)
}

/** Words of each module; a Volltext is long, a Kurztext is not. */
const LENGTH: Readonly<Record<string, number>> = { '05': 40, '07': 12, '18': 4, '24': 30 }

function leistung(number: number, random: () => number): string {
  const text = (words: number): string =>
    Array.from({ length: words }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ')
  const digits = (width: number): string => String(Math.floor(random() * 10 ** width)).padStart(width, '0')
  const code = (element: string, list: string, value: string, name = ''): string =>
    `<xzufi:${element} listURI="urn:${list}" listVersionID="20240101"><code>${value}</code>${
      name === '' ? '' : `<name>${name}</name>`
    }</xzufi:${element}>`
  const id = (element: string, scheme: string, value: string): string =>
    `<xzufi:${element} schemeAgencyID="L100${digits(3)}" schemeAgencyName="Redaktion" schemeID="${scheme}">${value}</xzufi:${element}>`
  const paragraphs = (words: number): string => {
    const part = Math.max(4, Math.floor(words / 3))
    return `<p>${text(part)} &amp; ${text(part)}</p><ul><li>${text(part)}</li></ul>`
  }
  const inhalt = (modul: string): string => {
    if (modul === '02' || modul === '03') return `${text(4)} &amp; ${text(2)}`
    const html = paragraphs(LENGTH[modul] ?? 90)
    return random() < 0.5
      ? `<![CDATA[${html}]]>`
      : html.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  }
  const modul = (value: string, position: number): string => `
      <xzufi:modulText>
        <xzufi:positionDarstellung>${position + 1}</xzufi:positionDarstellung>
        ${id('id', 'Modul', digits(8))}
        ${code('leikaTextmodul', 'de:xzufi:codeliste:leistungstextmodulleika', value, text(1))}
        <xzufi:inhalt languageCode="de">${inhalt(value)}</xzufi:inhalt>
        <xzufi:inhalt languageCode="en">${text(12)}</xzufi:inhalt>
        <xzufi:weiterfuehrenderLink languageCode="de">
          <xzufi:uri>https://portal.example/${digits(6)}</xzufi:uri>
          <xzufi:titel>${text(3)}</xzufi:titel>
        </xzufi:weiterfuehrenderLink>
      </xzufi:modulText>`
  return `  <xzufi:schreibe>
    <xzufi:leistung>
      ${id('id', 'LB', String(number))}
      ${id('idSekundaer', 'alt', digits(7))}
      <xzufi:struktur xsi:type="xzufi:LeistungsstrukturObjektMitVerrichtung">
        <xzufi:leistungsobjektID schemeID="urn:de:fim:leika:leistung">99${digits(6)}000000</xzufi:leistungsobjektID>
        <xzufi:verrichtung>${code('verrichtungLeiKa', 'de:fim:leika:verrichtung', digits(3), text(1))}</xzufi:verrichtung>
      </xzufi:struktur>
      ${code('referenzLeiKa', 'de:fim:leika:leistung', `99${digits(9)}000`)}${MODULES.map(modul).join('')}
      <xzufi:modulFrist>
        <xzufi:frist>${code('typ', 'de:xzufi:codeliste:fristtyp', digits(2))}<xzufi:dauer><xzufi:dauer>${digits(2)}</xzufi:dauer>${code('einheit', 'de:xzufi:codeliste:zeiteinheit', 'D')}</xzufi:dauer></xzufi:frist>
        <xzufi:beschreibung languageCode="de">${text(15)}</xzufi:beschreibung>
      </xzufi:modulFrist>
      <xzufi:modulKosten>
        <xzufi:kosten>${code('typ', 'de:xzufi:codeliste:kostentyp', '01')}<xzufi:betragFix currencyID="EUR">${digits(2)}</xzufi:betragFix></xzufi:kosten>
        <xzufi:beschreibung languageCode="de">${text(15)}</xzufi:beschreibung>
      </xzufi:modulKosten>
      <xzufi:modulBegriffImKontext>
        <xzufi:begriffImKontext>
          <xzufi:begriff languageCode="de">${text(1)}</xzufi:begriff>
          ${code('typ', 'xoev-de:fim:codeliste:begriffimkontexttyp', '01')}
        </xzufi:begriffImKontext>
      </xzufi:modulBegriffImKontext>
      ${code('typisierung', 'de:fim:leika:typisierung', '2/3')}
      ${code('leistungsadressat', 'de:fim:codeliste:leistungsadressat', '001')}
      ${code('vertrauensniveau', 'xoev-de:fim:codeliste:vertrauensniveau', '30')}
      ${Array.from({ length: 4 }, () => `<xzufi:kategorie>${id('id', 'Kategorie', digits(5))}<xzufi:klasse>${id('id', 'Klasse', digits(3))}</xzufi:klasse></xzufi:kategorie>`).join('')}
      ${code('informationsbereichSDG', 'xoev-de:fim:codeliste:sdginformationsbereich', `10${digits(5)}`)}
      <xzufi:herausgeber>${id('organisationseinheitID', 'OE', digits(6))}</xzufi:herausgeber>
      <xzufi:gueltigkeitGebietID schemeID="urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:rs">030000000000</xzufi:gueltigkeitGebietID>
      <xzufi:versionsinformation><xzufi:erstelltDatumZeit>2026-01-01T00:00:00Z</xzufi:erstelltDatumZeit><xzufi:geaendertDatumZeit>2026-01-01T00:00:00Z</xzufi:geaendertDatumZeit></xzufi:versionsinformation>
      <xzufi:sprachversion><xzufi:languageCode>de</xzufi:languageCode></xzufi:sprachversion>
    </xzufi:leistung>
  </xzufi:schreibe>
`
}

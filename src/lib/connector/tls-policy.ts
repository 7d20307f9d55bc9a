/**
 * What the BSI recommends for TLS: TR-02102-2 (2024-01 and 2025-01), §3.2 protocol versions, §3.3 suites, and TR-03116-4 for
 * systems of the federation, which follows it. The lists are from knowledge of these editions and were not compared with
 * the present text.
 */

export type Grade = 'recommended' | 'tolerable' | 'refused'

/** TLS 1.2 and 1.3 are recommended; everything before must not be used. */
export function protocolGrade(protocol: string): Grade {
  return protocol === 'TLSv1.3' || protocol === 'TLSv1.2' ? 'recommended' : 'refused'
}

/** TR-02102-2 §3.4.4: suites of TLS 1.3. */
const TLS13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_AES_128_CCM_SHA256']

/**
 * A suite by its IANA name. TLS 1.2 needs ephemeral keys (DHE, ECDHE) and AES in GCM or CCM. CBC is recommended with
 * Encrypt-then-MAC only (RFC 7366), which cannot be seen from here; ChaCha20 is strong and stands in no list.
 */
export function cipherGrade(cipher: string): Grade {
  if (TLS13.includes(cipher)) return 'recommended'
  if (cipher.includes('CHACHA20')) return 'tolerable'
  if (!/^TLS_(ECDHE|DHE)_(ECDSA|RSA|DSS)_WITH_AES_(128|256)_/.test(cipher)) return 'refused'
  if (/_(GCM|CCM)(_|$)/.test(cipher)) return 'recommended'
  return /_CBC_SHA(256|384)$/.test(cipher) ? 'tolerable' : 'refused'
}

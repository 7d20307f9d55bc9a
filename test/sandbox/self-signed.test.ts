import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { expect, test } from 'vitest'
import { selfSigned } from '../../src/lib/sandbox/self-signed.ts'

const OPTIONS = {
  commonName: 'ozgctl sandbox',
  names: ['localhost', '127.0.0.1'],
  notBefore: Date.parse('2026-01-01T00:00:00Z'),
  notAfter: Date.parse('2051-06-01T12:30:00Z'),
}

test('a certificate as openssl and node read it', () => {
  const { cert, key } = selfSigned(OPTIONS)
  const certificate = new X509Certificate(cert)
  expect(certificate.subject).toBe('CN=ozgctl sandbox')
  expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1')
  expect(certificate.validFromDate.getTime()).toBe(OPTIONS.notBefore)
  // Behind 2049 times have another form.
  expect(certificate.validToDate.getTime()).toBe(OPTIONS.notAfter)
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true)
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: cert, encoding: 'utf8' })
  expect(text).toContain('CA:TRUE')
  expect(text).toContain('ecdsa-with-SHA256')
})

test('every serial number makes one that TLS takes', () => {
  for (let round = 0; round < 600; round++) {
    const identity = selfSigned(OPTIONS)
    expect(() => createSecureContext(identity)).not.toThrow()
  }
})

import { describe, expect, it } from 'vitest'
import { LAYOUTS } from '../../../src/lib/portal/liferay/types.ts'
import type { Tenant } from '../../../src/lib/portal/model.ts'
import { hasLiferaySpecs, liferayApi } from '../../support/openapi.ts'
import { recorder, violations } from '../../support/recorder.ts'
import { liferayPortal, startSandbox } from '../../support/sandbox.ts'
import { BRAMSCHE, MELLE, NETWORK } from '../../support/tenant.ts'

describe.skipIf(!hasLiferaySpecs)("Liferay's OpenAPI files (need them beside the checkout)", () => {
  it.each(
    LAYOUTS.flatMap(
      (layout) =>
        [
          [layout, false],
          [layout, true],
        ] as const,
    ),
  )(
    'allow all that the driver and the sandbox say: layout %s, batch import %s',
    async (layout, batchImport) => {
      const place = await startSandbox()
      const between = await recorder(place.url)
      const portal = liferayPortal({ ...place, url: between.url }, { layout, batchImport })
      await portal.write([{ kind: 'network', network: NETWORK, expected: null, key: 'n' }])
      const tenants: readonly Tenant[] = [BRAMSCHE, MELLE]
      await portal.write(tenants.map((tenant) => ({ kind: 'create', tenant, key: `create ${tenant.ars}` })))
      expect((await portal.networks()).length).toBe(1)
      for await (const page of portal.list())
        for (const { value, version } of page) {
          const tenant: Tenant = { ...value, state: 'suspended', hosts: [`neu.${value.slug}.example`] }
          await portal.write([
            { kind: 'suspend', ars: value.ars, expected: version, tenant, key: `suspend ${value.ars}` },
          ])
          const expected = (await portal.get(value.ars))?.version ?? ''
          expect(
            await portal.write([{ kind: 'delete', tenant, expected, key: `delete ${value.ars}` }]),
          ).toEqual([{ kind: 'done', repeated: false }])
        }
      // All kinds of requests were made, or there would be nothing to find.
      expect([...new Set(between.exchanges.map(({ request }) => request.method))].sort()).toEqual([
        'DELETE',
        'GET',
        'PATCH',
        'POST',
        'PUT',
      ])
      expect(violations(liferayApi(), between.exchanges)).toEqual([])
    },
  )
})

import { httpStandIn } from './http-stand-in.ts'

/** A Spring Boot application with its health endpoint. */
export const healthJson = httpStandIn({
  kind: 'health-json',
  wrong: 'The database is down, and the application says so with status 503.',
  path: '/actuator/health',
  wantsCredentials: false,
  settings: () => ({ components: ['db'] }),
  reply: (_request, mode) => {
    const db =
      mode === 'wrong' ? { status: 'DOWN', details: { error: 'connection refused' } } : { status: 'UP' }
    return {
      status: mode === 'wrong' ? 503 : 200,
      headers: { 'content-type': 'application/vnd.spring-boot.actuator.v3+json' },
      body: { status: db.status, components: { db, diskSpace: { status: 'UP' } } },
    }
  },
})

// Headers of every answer, also of errors and files: nothing but our own origin, nothing kept, nothing told on.
import { Router } from 'express'
import helmet from 'helmet'

const yearSeconds = 365 * 24 * 60 * 60

export function setUpWebSecurity(): Router {
  const router = Router()
  router.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          imgSrc: ["'self'"],
          fontSrc: ["'self'"],
          connectSrc: ["'self'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
          baseUri: ["'none'"],
        },
      },
      referrerPolicy: { policy: 'no-referrer' },
      strictTransportSecurity: { maxAge: yearSeconds, includeSubDomains: false },
      xFrameOptions: { action: 'deny' },
      crossOriginEmbedderPolicy: { policy: 'require-corp' },
    }),
  )
  router.use((_req, res, next) => {
    // A page left behind on a shared computer must not come back by the Back button after sign-out.
    res.setHeader('Cache-Control', 'no-store')
    res.setHeader(
      'Permissions-Policy',
      'camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), browsing-topics=()',
    )
    res.setHeader('X-Robots-Tag', 'noindex, nofollow, noarchive')
    next()
  })
  return router
}

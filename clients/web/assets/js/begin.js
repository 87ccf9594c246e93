// First of all, so that nothing jumps: says that there is script, which shows and hides a few things.
document.body.className +=
  ' js-enabled' + ('noModule' in document.createElement('script') ? ' govuk-frontend-supported' : '')

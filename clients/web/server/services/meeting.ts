// The meeting that a record names, where the caller may see it and it is held.
import type { Meeting__Output } from '../../generated/marac/v1/Meeting.js'
import { MaracError, type MaracClient } from '../data/index.js'

export async function meetingOf(marac: MaracClient, name: string): Promise<Meeting__Output | undefined> {
  if (name === '') return undefined
  try {
    const meeting = await marac.call('MeetingService', 'GetMeeting', { name })
    return meeting.state === 'MEETING_STATE_CANCELLED' ? undefined : meeting
  } catch (error) {
    if (error instanceof MaracError && (error.code === 'NOT_FOUND' || error.code === 'PERMISSION_DENIED'))
      return undefined
    throw error
  }
}

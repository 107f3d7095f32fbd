import type { Catalogue } from './catalogue.ts';

export const en: Catalogue = {
  brand: 'Yiping',
  counter: { before: 'Counter', after: '' },
  counterLabel: (number) => `Counter ${number}`,
  ticketLabel: (number) => `Ticket ${number}`,
  clerkNumber: (number) => `Staff no. ${number}`,
  clerkStars: (stars) => `Service grade: ${stars} of 5 stars`,
  otherLanguage: '中文',

  idle: { rateLater: 'Please rate your visit when you are done' },
  serving: { before: 'Now serving', after: '', withoutNumber: 'Your matter is being handled' },

  inviting: {
    question: 'How was the service today?',
    howTo: 'Press the face that says it best',
    decline: 'Skip',
    faces: 'Satisfaction',
  },
  levels: {
    5: 'Very satisfied',
    4: 'Satisfied',
    3: 'Mostly satisfied',
    2: 'Dissatisfied',
    1: 'Very dissatisfied',
  },
  chosen: {
    recorded: (level) => `Recorded: ${level}`,
    change: (seconds: number) => `You can change it for ${seconds} seconds`,
    confirm: 'Confirm',
  },
  notRecorded: 'That was not recorded. Please press again',

  details: {
    question: 'What made you feel this way?',
    howTo: 'Choose as many as you like, or none',
    howToByKeys: 'Keys from “Very satisfied”: tick · next · back · help · done',
    help: 'I would like someone to help me now',
    helpNoted: 'Noted. The duty staff will be told',
    finish: 'Done',
    indicators: 'Reasons',
  },

  thanks: {
    title: 'Thank you',
    receipt: 'Receipt',
    scan: 'Scan to check: frozen, unchanged, delivered',
    qr: 'QR code of the receipt',
  },

  paused: {
    title: 'Counter paused',
    advice: 'Please wait a moment, or go to another counter',
  },
  outOfService: {
    store: {
      title: 'Rating is paused',
      advice: 'Please rate by QR code, or try again later',
      reason: 'Ratings cannot be saved just now. Staff will see to it',
    },
    diskFull: {
      title: 'Rating is paused',
      advice: 'Please rate by QR code, or try again later',
      reason: 'The storage of this device is full. Staff will see to it',
    },
    core: {
      title: 'Rating is paused',
      advice: 'Please rate by QR code, or try again later',
      reason: 'The rating program is coming back, usually within seconds',
    },
    config: {
      title: 'Rating is paused',
      advice: 'Please rate by QR code, or try again later',
      reason: 'The settings of this device need a look by staff',
    },
    queue: {
      title: 'Rating is paused',
      advice: 'Service goes on as usual',
      reason: 'The queue system is out of reach; rating resumes with it',
    },
    starting: { title: 'Getting ready', advice: 'One moment, please', reason: '' },
  },
};

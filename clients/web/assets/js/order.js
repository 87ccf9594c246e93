// An agenda is put in order by dragging. By key and without script the buttons beside each case do the same.
import Sortable from '/assets/sortable.js'

for (const list of document.querySelectorAll('[data-order]')) {
  for (const item of list.querySelectorAll('[data-order-item]')) {
    const grip = document.createElement('span')
    grip.className = 'app-grip'
    grip.setAttribute('aria-hidden', 'true')
    item.prepend(grip)
  }
  const sortable = Sortable.create(list, {
    draggable: '[data-order-item]',
    handle: '.app-grip',
    animation: 150,
    onEnd: ({ item, oldDraggableIndex, newDraggableIndex }) => {
      if (oldDraggableIndex === newDraggableIndex) return
      // Sent as a press of one of its buttons is, so that what goes wrong is said as it is there.
      const form = item.querySelector('form')
      form.elements.namedItem('place').value = newDraggableIndex + 1
      form.elements.namedItem('request_id').value = window.crypto.randomUUID()
      sortable.option('disabled', true) // Until the page shows it where it is now.
      form.requestSubmit()
    },
  })
}

"""The staff's pages (工作人员窗口): desk, tickets, sorting, patrols, street screen, review, administration."""

%matplotlib inline
!ls -la
# ---
import matplotlib.pyplot as plt
plt.plot(history["loss"])  # history was deleted together with the cell that made it
plt.show()
# ---
%%time
for epoch in range(10**9):
    print(epoch)
